{# Salts 100 to 139. Mobile numbers have one digit too many to be anybody's. #}
with people as (
    select
        who.n as n,
        who.kind as kind,
        who.favourite_rank as favourite_rank,
        who.buys_for_business as buys_for_business,
        who.joined_second as joined_second,
        given.first_name as first_name,
        family.last_name as last_name,
        place.name as place,
        -- every twentieth customer shares a telephone with a neighbour in the list
        {{ six_digits(roll('case when mod(who.n, 20) = 0 then who.n - 1 else who.n end', 100, 1000000)) }} as line_number
    from {{ ref('sim_customers') }} as who
    inner join {{ ref('names') }} as given on given.position = {{ roll('who.n', 101, 50) }}
    inner join {{ ref('names') }} as family on family.position = {{ roll('who.n', 102, 50) }}
    inner join {{ ref('cities') }} as place on {{ roll('who.n', 103, 1000) }} between place.from_permille and place.to_permille
)
select
    n as customer_id,
    first_name,
    last_name,
    case when {{ roll('n', 104, 100) }} < 3 then null
         when {{ roll('n', 104, 100) }} < 12 then upper({{ dbt.concat(["'buyer.'", "cast(n as " ~ dbt.type_string() ~ ")", "'@Example.com'"]) }})
         when {{ roll('n', 104, 100) }} < 18 then {{ dbt.concat(["' Buyer.'", "cast(n as " ~ dbt.type_string() ~ ")", "'@example.org '"]) }}
         else {{ dbt.concat(["'buyer.'", "cast(n as " ~ dbt.type_string() ~ ")", one_of('n', 105, ["'@example.com'", "'@example.net'", "'@example.org'", "'@mail.example.com'"])]) }} end as email,
    case when {{ roll('n', 106, 100) }} < 9 then null
         when {{ roll('n', 106, 100) }} < 11 then ''
         when {{ roll('n', 106, 100) }} < 20 then {{ dbt.concat(["'+44 7700 9 '", "line_number"]) }}
         when {{ roll('n', 106, 100) }} < 24 then {{ dbt.concat(["' 077009'", "line_number"]) }}
         else {{ dbt.concat(["'+4477009'", "line_number"]) }} end as phone,
    case when {{ roll('n', 107, 100) }} < 4 then null
         when {{ roll('n', 107, 100) }} < 8 then ''
         when {{ roll('n', 107, 100) }} < 10 then lower(place)
         when {{ roll('n', 107, 100) }} < 11 then {{ dbt.concat(["place", "' '"]) }}
         else place end as city,
    case when {{ roll('n', 108, 100) }} < 22 then null
         when {{ roll('n', 108, 1000) }} = 999 then cast('1900-01-01' as {{ birthday_type() }})
         when {{ roll('n', 108, 1000) }} > 994 then cast('1988-02-29' as {{ birthday_type() }})
         else cast({{ dbt.dateadd('day', roll('n', 109, 20000), "cast('1950-03-01' as " ~ birthday_type() ~ ")") }} as {{ birthday_type() }}) end as birthday,
    case when {{ roll('n', 110, 100) }} < 12 then null
         else {{ one_of('n', 111, ["'google'", "'google'", "'facebook'", "'newsletter'", "'friend'", "'instagram'", "'Google'", "'flyer_50%'"]) }} end as source,
    case when {{ roll('n', 112, 100) }} < 25 then null else {{ roll('n', 113, 101) }} end as lead_score,
    case when {{ roll('n', 114, 100) }} < 6 then null else {{ roll('n', 114, 100) }} < 60 end as newsletter,
    {{ one_of('n', 115, ["'email'", "'email'", "'sms'", "'WhatsApp'", "''"]) }} as preferred_channel,
    case when buys_for_business then {{ text_list(['wholesale', 'invoice']) }}
         when {{ roll('n', 116, 1000) }} < 4 then {{ text_list(['staff']) }}
         when kind = 'devoted' and {{ roll('n', 117, 100) }} < 50 then {{ text_list(['vip', 'tea club']) }}
         when {{ roll('n', 118, 100) }} < 6 then {{ text_list(['student']) }}
         when {{ roll('n', 118, 100) }} < 8 then {{ text_list(['press', "café"]) }}
         when {{ roll('n', 118, 100) }} < 50 then {{ text_list([]) }}
         else null end as tags,
    case when {{ roll('n', 119, 1000) }} < 4 then null else {{ moment('joined_second') }} end as signed_up_at
from people
