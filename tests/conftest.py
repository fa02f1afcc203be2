"""Property tests try the same examples every time; a campaign (`make fuzz`) tries others."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("campaign", deadline=None)
settings.load_profile("steady")
