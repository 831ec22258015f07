{# Salts 180 to 219. Some views are anonymous, some are counted twice under one id, one link carries % and _ in its path. #}
with pages as (
    select
        visits.n,
        visits.seed,
        count.n as page,
        visits.seed * 10 + count.n as view_seed,
        visits.visit_second + (count.n - 1) * 40 + {{ roll('visits.seed * 10 + count.n', 180, 40) }} as view_second,
        case when {{ roll('visits.seed * 10 + count.n', 181, 100) }} < 60 then visits.favourite_rank
             else {{ roll('visits.seed * 10 + count.n', 182, 8) }} end as category_rank
    from {{ ref('sim_visits') }} as visits
    inner join {{ numbers(9) }} as count on count.n <= visits.pages
),
landed as (
    select
        pages.*,
        products.path,
        lower(replace(products.category, ' ', '-')) as folder,
        {{ roll('view_seed', 184, 100) }} as sort_of_page,
        {{ roll('view_seed', 185, 1000) }} as dirt
    from pages
    inner join {{ ref('products') }} as products
        on products.category_rank = pages.category_rank and products.position = {{ roll('view_seed', 183, 5) }}
),
sent as (
    select landed.*, 0 as again from landed
    union all
    select landed.*, 1 as again from landed where dirt between 100 and 104
)
select
    {{ dbt.concat(["'v'", "cast(view_seed as " ~ dbt.type_string() ~ ")"]) }} as view_id,
    case when dirt < 45 then null when dirt < 48 then 900000000 + n else n end as customer_id,
    case when dirt = 48 then null else {{ moment('view_second') }} end as viewed_at,
    case when sort_of_page < 12 then '/'
         when sort_of_page < 40 then {{ dbt.concat(["'/'", 'folder', "'/'"]) }}
         when sort_of_page < 82 then path
         when sort_of_page < 88 then '/cart'
         when sort_of_page < 91 then '/checkout'
         when sort_of_page < 93 then '/sale/100%_off?ref=it''s'
         when sort_of_page < 98 then {{ dbt.concat(["'/blog/'", 'folder', "'-guide'"]) }}
         else '' end as url,
    case when page > 1 or {{ roll('view_seed', 186, 100) }} < 40 then null
         else {{ one_of('seed', 187, ["'google'", "'google'", "'facebook'", "'instagram'", "'newsletter'", "'Newsletter'", "'tiktok'"]) }} end as utm_source,
    case when page > 1 then 'https://shop.example/'
         when {{ roll('seed', 188, 100) }} < 30 then null
         else {{ one_of('seed', 189, ["'https://www.google.com/'", "'https://duckduckgo.com/'", "'https://l.facebook.com/'", "'https://tea-forum.example/t/4711'", "''"]) }} end as referrer,
    {{ one_of('seed', 190, ["'phone'", "'phone'", "'phone'", "'desktop'", "'desktop'", "'tablet'"]) }} as device,
    {{ moment('view_second + 30 + case when ' ~ roll('view_seed', 191, 200) ~ ' = 0 then 100000 + ' ~ roll('view_seed', 192, 90000) ~ ' else ' ~ roll('view_seed', 193, 300) ~ ' + 600 * again end') }} as loaded_at
from sent
where view_second < {{ shop_days() }} * 86400
