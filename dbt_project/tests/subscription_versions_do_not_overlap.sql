select earlier.subscription_id
from {{ ref('subscriptions') }} as earlier
inner join {{ ref('subscriptions') }} as later
    on later.subscription_id = earlier.subscription_id and later.valid_from > earlier.valid_from
where earlier.valid_to is null or earlier.valid_to > later.valid_from
