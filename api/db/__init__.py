"""One database, PostgreSQL: tables, migrations, transactions and notifications.

In: a session inside one transaction. Out: rows. Read `tables`, then `transaction`.
"""
