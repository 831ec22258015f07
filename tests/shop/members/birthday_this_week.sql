select customer_id
from people
where strftime(birthday, '%m-%d') in ('11-01', '11-02', '11-03', '11-04', '11-05', '11-06', '11-07')
  and birthday > date '1900-01-01'
  and customer_id not in (from never_contact) and customer_id not in (from left_the_list)
