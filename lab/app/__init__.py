"""The composition root: folders, the running lab, and the way to talk to one."""
