"""Activities: notes, calls, meetings and e-mails, on the timelines of the records they are about, and who is named in
them. Imports users and core.
"""
