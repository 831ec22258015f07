{# Salts 330 to 359. People who asked before they bought. The same telephone asks about more than one product. #}
{% set leads = (var('shop_customers') * 4 / 15) | int %}
with asked as (
    select
        n,
        {{ roll('n', 330, (leads * 0.6) | int) }} as caller,
        case when {{ roll('n', 331, 745) }} > {{ roll('n', 332, 745) }} then {{ roll('n', 331, 745) }} else {{ roll('n', 332, 745) }} end as day
    from {{ numbers(leads) }} as everyone
)
select
    {{ dbt.concat(["'L-'", six_digits('asked.n')]) }} as lead_id,
    given.first_name as first_name,
    family.last_name as last_name,
    case when {{ roll('asked.n', 333, 100) }} < 20 then null
         else lower({{ dbt.concat(["'lead'", "cast(asked.caller as " ~ dbt.type_string() ~ ")", "'@example.com'"]) }}) end as email,
    case when {{ roll('asked.n', 334, 100) }} < 5 then null
         when {{ roll('asked.n', 334, 100) }} < 10 then {{ dbt.concat(["'+44 7700 8 '", six_digits('asked.caller')]) }}
         else {{ dbt.concat(["'+4477008'", six_digits('asked.caller')]) }} end as phone,
    case when {{ roll('asked.n', 335, 100) }} < 10 then '' else place.name end as city,
    {{ one_of('asked.n', 336, ["'SIMCARD'", "'SIMCARD'", "'SIMCARD'", "'simcard'", "'HANDSET'", "'HANDSET'", "'TEA_SUBSCRIPTION'", "'ESIM'", "'BROADBAND'", "null"]) }} as product,
    {{ one_of('asked.n', 337, ["'web form'", "'web form'", "'call centre'", "'partner: O''Reilly & Sons'", "'trade fair'", "''"]) }} as source,
    {{ one_of('asked.n', 338, ["'new'", "'new'", "'contacted'", "'contacted'", "'qualified'", "'lost'", "'converted'"]) }} as status,
    case when {{ roll('asked.n', 339, 100) }} < 10 then null else {{ roll('asked.n', 340, 101) }} end as score,
    case when {{ roll('asked.n', 341, 100) }} < 30 then null else cast(100 * (1 + {{ roll('asked.n', 342, 60) }}) as {{ dbt.type_float() }}) end as budget,
    {{ moment('asked.day * 86400 + ' ~ shopping_hour('asked.n', 343)) }} as created_at,
    asked.n as lead_number
from asked
inner join {{ ref('names') }} as given on given.position = {{ roll('asked.caller', 348, 50) }}
inner join {{ ref('names') }} as family on family.position = {{ roll('asked.caller', 349, 50) }}
inner join {{ ref('cities') }} as place on {{ roll('asked.caller', 350, 1000) }} between place.from_permille and place.to_permille
