"""A second factor at the log-in, for those who want it or must have it: codes of an app, and recovery codes.

django-allauth does the work, and can carry a company's own log-in later. Here are its pages as those of the desk
(`views`), the brake that its codes share with passwords (`forms`), and what it asks of a project (`adapters`).
"""
