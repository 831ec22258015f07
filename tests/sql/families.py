"""One small project for each family of features, so that every feature has a golden plan and golden SQL."""

from __future__ import annotations

FAMILIES = {
    "text": """
segments:
  - name: text
    label: Text
    entity: customer
    include:
      - {attribute: city, is: London}
      - {attribute: city, is_not: London, missing: fails}
      - {attribute: city, in: [London, Leeds], missing: matches}
      - {attribute: city, not_in: {relation: ref('towns'), column: town}}
      - {attribute: city, exists: false}
      - {attribute: city, contains: "%"}
      - {attribute: city, not_contains: don}
      - {attribute: city, like: don, ignore_case: true}
      - {attribute: city, not_like: don}
      - {attribute: city, starts_with: Lon}
      - {attribute: city, not_starts_with: Lon}
      - {attribute: city, ends_with: don}
      - {attribute: city, not_ends_with: don}
      - {attribute: city, is: {attribute: phone}}
""",
    "patterns": """
segments:
  - name: patterns
    label: Patterns
    entity: customer
    include:
      - {attribute: city, matches: "^L[a-z]+$"}
      - {attribute: city, matches: "a.b", ignore_case: true}
      - {attribute: city, not_matches: "[0-9]"}
""",
    "lists": """
segments:
  - name: lists
    label: Lists
    entity: customer
    include:
      - {attribute: tags, has_any: [press, staff]}
      - {attribute: tags, has_all: [press, staff]}
      - {attribute: tags, has_none: [press]}
      - {attribute: tags, size: {gte: 1, lte: 3}}
""",
    "combinators": """
conditions:
  - {name: local, entity: customer, when: {attribute: city, is: Leeds}}
segments:
  - name: combined
    label: Combined
    entity: customer
    include:
      - any: [{attribute: city, is: London}, {all: [{attribute: subscribed, is: true}, {condition: local}]}]
      - none: [{attribute: city, is: Paris}, {attribute: city, is: Rome}]
      - not: {attribute: city, is: Bonn}
      - {at_least: 2, of: [{attribute: subscribed, is: true}, {attribute: phone, exists: true}, {condition: local}]}
""",
    "dates": """
segments:
  - name: dates
    label: Dates
    entity: customer
    include:
      - {attribute: birthday, gt: 2000-01-01}
      - {attribute: birthday, gte: 2000-01-01}
      - {attribute: birthday, lt: 2000-01-01}
      - {attribute: birthday, lte: 2000-01-01}
      - {attribute: birthday, between: [2000-01-01, 2000-12-31]}
      - {attribute: birthday, not_between: [2000-01-01, 2000-12-31]}
      - {attribute: birthday, before: 2000-01-01}
      - {attribute: birthday, after: 2000-01-01}
      - {attribute: birthday, within: 30 days, ending: 30 days ago}
      - {attribute: birthday, within_next: 7 days}
      - {attribute: birthday, more_than_ago: 18 years}
      - {attribute: birthday, calendar: {this: month}}
      - {attribute: birthday, calendar: {last: 3, unit: quarter}}
      - {attribute: birthday, calendar: {next: 1, unit: week}}
      - {attribute: birthday, day_of_year: {is: 02-29}}
      - {attribute: birthday, day_of_year: {between: [12-02, 01-03]}}
      - {attribute: birthday, day_of_year: {within_next: 7 days}}
      - {attribute: birthday, day_of_week: {is: monday}}
      - {attribute: birthday, day_of_week: {in: [saturday, sunday]}}
      - {attribute: birthday, day_of_week: {between: [friday, monday]}}
      - {event: orders, last: {hour: {is: 12}}}
      - {event: orders, last: {hour: {between: [22, 4]}}}
""",
    "windows": """
segments:
  - name: windows
    label: Windows
    entity: customer
    include:
      - {event: orders, within: 90 days, ending: 90 days ago}
      - {event: orders, between: [2026-01-01, 2026-03-31], min: {of: amount, lt: 5}}
      - {event: orders, since: 2026-01-01, max: {of: amount, gte: 50}}
      - {event: orders, until: 2026-01-01, distinct: {of: product.category, gte: 2}}
      - {event: orders, calendar: {this: week}, count: 2}
      - {event: orders, calendar: {last: 3, unit: month}, sum: {of: amount, gte: 100}}
      - {event: orders, before: 30 days ago, count: {by: product_id, gte: 1, lte: 3}}
      - {event: orders, first: {where: {attribute: source, is: web}}}
      - sequence: [{event: carts}, {event: orders, within: 2 days}]
""",
    "scores": """
traits:
  - {name: open_tickets, entity: customer, related: tickets, where: {attribute: status, is: open}, count: rows}
  - {name: active_days, entity: customer, event: orders, days: rows}
  - {name: mean, entity: customer, event: orders, avg: amount}
  - {name: least, entity: customer, event: orders, min: amount}
  - {name: most, entity: customer, event: orders, max: amount}
  - {name: kinds, entity: customer, event: orders, distinct: product.category}
  - {name: same_kind, entity: customer, event: orders, count: {by: product.category}}
  - {name: first_order, entity: customer, event: orders, first: time}
  - name: mood
    entity: customer
    track: true
    stages: [{name: cross, when: {attribute: open_tickets, gte: 2}}, {name: calm}]
  - name: rfm
    entity: customer
    rfm:
      event: orders
      value: amount
      where: {attribute: source, is_not: test}
      within: 1 year
segments:
  - name: scored
    label: Scored
    entity: customer
    include:
      - {attribute: rfm.recency, lte: 30}
      - {attribute: rfm.frequency, gte: 2}
      - {attribute: rfm.monetary, gte: 100}
      - {attribute: rfm.recency_score, gte: 4}
      - {attribute: rfm.frequency_score, gte: 4}
      - {attribute: rfm.monetary_score, gte: 4}
      - {attribute: rfm.cell, starts_with: "55"}
      - {attribute: same_kind, gte: 2}
""",
    "options": """
segments:
  - {name: consent, label: No consent, entity: customer, include: [{attribute: subscribed, is_not: true}]}
  - {name: closed, label: Closed, entity: customer, status: inactive, include: everyone}
  - name: campaign
    label: Campaign
    tags: [email]
    entity: customer
    created_within: 90 days
    expires_on: 2027-01-01
    include: [{segment: closed, for: 30 days}]
    limit: {percent: 10, by: birthday, order: asc}
    stay: {at_most: 14 days, again_after: 90 days}
    always: ref('test_customers')
exclusions:
  - {entity: customer, segment: consent, tags: [email]}
""",
    "matrices": """
matrices:
  - name: who
    label: Who
    entity: customer
    rows: {uk: {attribute: city, is: Leeds}}
    columns: {known: {attribute: phone, exists: true}}
  - name: what
    label: What
    entity: customer
    event: orders
    rows: {tea: {attribute: product.category, is: tea}}
    columns: {light: {count: 1, within: 30 days}, heavy: {count: {gte: 2}, within: 30 days}}
""",
    "lookups": """
entities:
  - name: contact
    relation: ref('contacts')
    key: contact_id
    lookups:
      account:
        relation: ref('accounts')
        by: account_id
        key: account_id
        properties: {plan: string}
        lookups:
          contract: {relation: ref('contracts'), by: contract_id, key: contract_id, properties: {status: string}}
      boss: {relation: ref('contacts'), by: boss_id, key: contact_id}
  - name: contract
    relation: ref('contracts')
    key: contract_id
    attributes: {seats: integer}
  - name: account
    relation: ref('accounts')
    key: account_id
    attributes: {domain: string}
    events: [{name: payments, relation: ref('payments'), key: account_id, time: paid_at}]
segments:
  - {name: payers, label: Payers, entity: account, include: [{event: payments, within: 30 days}]}
  - {name: domains, label: Domains, entity: account, aggregate_on: domain, include: [{segment: payers, for: 30 days}]}
  - {name: big, label: Big, entity: contract, include: [{attribute: seats, gte: 100}]}
  - name: contacts
    label: Contacts
    entity: contact
    include:
      - {attribute: account.plan, is: pro}
      - {attribute: account.contract.status, is: signed}
      - {segment: account.payers, entered: {within: 7 days}}
      - {segment: account.domains}
    exclude: [{segment: account.contract.big}]
  - {name: staff, label: Staff, entity: contact, include: [{segment: boss.contacts}]}
""",
    "catalog": """
entities:
  - name: customer
    relation: source('crm', 'people')
    key: person_id
    validity: {from: valid_from, to: valid_to}
    timezone: Europe/Paris
    created_at: born_at
    lookups:
      home:
        relation: ref('homes')
        by: home_id
        key: home_id
        properties: {country: string}
        validity: {from: valid_from, to: valid_to}
    events:
      - name: calls
        relation: ref('calls')
        key: person_id
        time: {column: day, type: date}
        id: call_id
        id_unique: true
        loaded_at: loaded_at
        timezone: Asia/Tokyo
        properties:
          cost: {type: decimal, sql: "minutes * rate"}
    related:
      - name: cards
        relation: ref('cards')
        key: person_id
        properties: {status: string}
        validity: {from: valid_from, to: valid_to}
        lookups:
          bank: {relation: ref('banks'), by: bank_id, key: bank_id, properties: {country: string}}
segments:
  - name: abroad
    label: Abroad
    entity: customer
    include:
      - {attribute: home.country, is_not: France}
      - {event: calls, calendar: {last: 2, unit: week}, sum: {of: cost, gte: 10}}
      - {related: cards, where: {attribute: bank.country, is: Japan}}
""",
}

SETTINGS = {"catalog": "version: 1\ntimezone: Europe/London\nweek_starts_on: sunday\n"}
"""The text of segwh.yml of the projects that need one."""
