"""Call backs as the database keeps them. In: a request, a ledger's word about an attempt, a person's cancelling. Out: places
in order, attempts with a fence, figures of their own. Read `keeping` first, then `following`; the rule stands in
`routing/callbacks`.
"""
