"""A course's desk: students fetch, hand in and get feedback over HTTP, with the token of their own server.

For hubs where all users are one to the machine, as in the pods of Kubernetes: there a folder that all can write to
cannot say who put something in. The desk asks the hub, and writes into the exchange as `nbgrader submit` would. It runs
as the course's account, knows one course, and has no keys and no gradebook to look at.

shelf.py    the exchange's folder of one course, as one student may see it
counter.py  who waits, how often and how much: limits for each student
people.py   who it is that asks: the hub's word on a token
server.py   the requests
config.py   what a hub's configuration needs

The other side is student/handin/exchange.py, in students' images.
"""

from autograder.desk.config import add_desk as add_desk
