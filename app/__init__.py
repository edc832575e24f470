"""Floor 3. The CRM: what people see and do. The only floor that speaks HTTP.

core      what every feature plugs into; knows no feature
<feature> one folder per thing a user can name; features.py lists them
factory   puts it all together: read it first
"""
