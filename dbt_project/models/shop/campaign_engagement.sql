{# Salts 260 to 269. One row a touch: sent, opened, clicked, unsubscribed. #}
with touches as (
    select n, campaign_id, seed * 4 as touch_id, 'sent' as kind, sent_at as happened_at from {{ ref('sim_engagement') }}
    union all
    select n, campaign_id, seed * 4 + 1, 'opened', {{ dbt.dateadd('second', '60 + ' ~ roll('seed', 260, 90000), 'sent_at') }}
    from {{ ref('sim_engagement') }} where opens
    union all
    select n, campaign_id, seed * 4 + 2, 'clicked', {{ dbt.dateadd('second', '120 + ' ~ roll('seed', 260, 90000) ~ ' + ' ~ roll('seed', 261, 600), 'sent_at') }}
    from {{ ref('sim_engagement') }} where clicks
    union all
    select n, campaign_id, seed * 4 + 3, 'unsubscribed', {{ dbt.dateadd('second', '600 + ' ~ roll('seed', 262, 90000), 'sent_at') }}
    from {{ ref('sim_engagement') }} where leaves
)
select
    touch_id,
    n as customer_id,
    campaign_id,
    kind,
    happened_at
from touches
