"""Atlassian's vendors: Cloud, its variants and its gateway, Data Center, Bitbucket. Values only; what they do lives
in the provider.
"""
