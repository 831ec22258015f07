{# Who was sent which campaign, opened it, clicked, left the list. Nobody is sent mail after leaving. Salts 240 to 259. #}
with audience as (
    select
        who.n,
        who.favourite_rank,
        campaigns.campaign_id,
        campaigns.sent_at,
        who.n * 64 + cast(substring(campaigns.campaign_id, 5, 3) as {{ dbt.type_bigint() }}) as seed,
        {{ moment('who.joined_second') }} as joined_at
    from {{ ref('sim_customers') }} as who
    cross join {{ ref('campaigns') }} as campaigns
    where {{ roll('who.n * 64 + cast(substring(campaigns.campaign_id, 5, 3) as ' ~ dbt.type_bigint() ~ ')', 240, 1000) }} < campaigns.audience_permille
),
touched as (
    select
        audience.*,
        {{ roll('seed', 241, 100) }} < 34 as opens,
        {{ roll('seed', 242, 100) }} < 27 as clicks,
        {{ roll('seed', 243, 1000) }} < 9 as leaves
    from audience
    where joined_at < sent_at
),
until as (
    select
        touched.*,
        min(case when leaves then sent_at end) over (partition by n) as left_with
    from touched
)
select n, seed, campaign_id, sent_at, opens, opens and clicks as clicks, leaves, left_with
from until
where left_with is null or sent_at <= left_with
