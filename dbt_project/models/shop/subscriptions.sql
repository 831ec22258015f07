{# Salts 290 to 309. Versions: a subscription starts active; some are paused or cancelled later, which closes the first version. #}
with started as (
    select
        n,
        first_second + {{ roll('n', 290, 2500000) }} as start_second,
        {{ roll('n', 291, 100) }} as fate,
        {{ roll('n', 292, 20000000) }} + 2600000 as months_in_seconds
    from {{ ref('sim_customers') }}
    where kind in ('occasional', 'regular', 'devoted') and {{ roll('n', 293, 100) }} < 16
),
versions as (
    select n, start_second as from_second, case when fate < 45 then start_second + months_in_seconds end as to_second, 'active' as status
    from started
    union all
    select n, start_second + months_in_seconds, null, case when fate < 15 then 'paused' else 'cancelled' end
    from started
    where fate < 45
)
select
    n + 70000000 as subscription_id,
    n as customer_id,
    {{ one_of('n', 294, ["'Tea of the month'", "'Tea of the month'", "'SIM 10 GB'", "'SIM 100 GB'", "'Oolong club'"]) }} as plan,
    status,
    {{ pounds('900 + 100 * ' ~ roll('n', 295, 12)) }} as monthly_fee,
    cast({{ dbt.dateadd('day', roll('n', 296, 365), "cast('2026-10-20' as date)") }} as date) as renews_on,
    {{ moment('from_second') }} as valid_from,
    case when to_second is null then null else {{ moment('to_second') }} end as valid_to
from versions
