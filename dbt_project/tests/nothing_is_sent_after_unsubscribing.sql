select sent.customer_id, sent.campaign_id
from {{ ref('campaign_engagement') }} as sent
inner join {{ ref('campaign_engagement') }} as gone
    on gone.customer_id = sent.customer_id and gone.kind = 'unsubscribed' and gone.happened_at < sent.happened_at
where sent.kind = 'sent'
