"""All features of the product, in the order of the menu. The only file that names them all."""

from __future__ import annotations

from app.activities.feature import FEATURE as ACTIVITIES
from app.affiliations.feature import FEATURE as AFFILIATIONS
from app.attachments.feature import FEATURE as ATTACHMENTS
from app.companies.feature import FEATURE as COMPANIES
from app.complaints.feature import FEATURE as COMPLAINTS
from app.contactpoints.feature import FEATURE as CONTACTPOINTS
from app.contacts.feature import FEATURE as CONTACTS
from app.deadletters.feature import FEATURE as DEADLETTERS
from app.escalation.feature import FEATURE as ESCALATION
from app.exports.feature import FEATURE as EXPORTS
from app.firm.feature import FEATURE as FIRM
from app.following.feature import FEATURE as FOLLOWING
from app.health.feature import FEATURE as HEALTH
from app.home.feature import FEATURE as HOME
from app.imports.feature import FEATURE as IMPORTS
from app.login.feature import FEATURE as LOGIN
from app.mailbox.feature import FEATURE as MAILBOX
from app.notifications.feature import FEATURE as NOTIFICATIONS
from app.operators.feature import FEATURE as OPERATORS
from app.recyclebin.feature import FEATURE as RECYCLEBIN
from app.rest.feature import feature as interface_for
from app.search.feature import FEATURE as SEARCH
from app.second_factors.feature import FEATURE as SECOND_FACTORS
from app.selection.feature import FEATURE as SELECTION
from app.signup.feature import FEATURE as SIGNUP
from app.subscription.feature import FEATURE as SUBSCRIPTION
from app.tags.feature import FEATURE as TAGS
from app.tasks.feature import FEATURE as TASKS
from app.timeline.feature import FEATURE as TIMELINE
from app.users.feature import FEATURE as USERS
from app.views.feature import FEATURE as VIEWS
from app.webhooks.feature import FEATURE as WEBHOOKS

_ROOMS = (
    HOME,
    IMPORTS,
    CONTACTS,
    COMPANIES,
    COMPLAINTS,
    AFFILIATIONS,
    CONTACTPOINTS,
    ATTACHMENTS,
    ACTIVITIES,
    TASKS,
    TIMELINE,
    FOLLOWING,
    TAGS,
    SELECTION,
    EXPORTS,
    VIEWS,
    SEARCH,
    RECYCLEBIN,
    USERS,
    FIRM,
    SUBSCRIPTION,
    LOGIN,
    SECOND_FACTORS,
    SIGNUP,
    NOTIFICATIONS,
    ESCALATION,
    WEBHOOKS,
    DEADLETTERS,
    OPERATORS,
    MAILBOX,
    HEALTH,
)

ALL = (*_ROOMS, interface_for(_ROOMS))
