"""The ways a call may refuse. The web turns each into its status; nothing else does."""

from __future__ import annotations

from config.sentences import first_paragraph


class Refusal(Exception):
    """An expected "no", never logged as a crash. Its message is a complete, translatable English sentence."""

    code = "refused"

    def __init__(self, message: str = "", **values: object) -> None:
        self.message = message or first_paragraph(self.__doc__)
        super().__init__(self.message % values if values else self.message)
        self.values = values


class NotFound(Refusal):
    """There is nothing at this address, or it belongs to somebody else."""

    code = "not_found"


class NotAllowed(Refusal):
    """You do not have permission to do this."""

    code = "not_allowed"


class Conflict(Refusal):
    """This cannot be done in the present state."""

    code = "conflict"


class Invalid(Refusal):
    """Something that was entered is not valid."""

    code = "invalid"


class TooMany(Refusal):
    """That was too often; please wait a moment."""

    code = "too_many"
    again_in = 1
    """Seconds after which it is worth another try."""


class Unavailable(Refusal):
    """A part of Kontor does not answer at the moment; please try again shortly."""

    code = "unavailable"
    again_in = 5
    """Seconds after which it is worth another try."""
