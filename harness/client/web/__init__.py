"""The engine as a program: REST API, pages, documents. Speaks HTTP and asks the engine; decides nothing about
tokens.
"""
