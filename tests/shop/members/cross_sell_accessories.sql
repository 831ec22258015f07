select customer_id from lines where category = 'Phones' and customer_id in (select customer_id from people)
except select customer_id from lines where category = 'Accessories'
except from never_contact
except from left_the_list
