from frontdesk import CustomerClient

with CustomerClient() as customer:
    survey = customer.get_form(group_id=0, type="prechat")
    if survey.form:
        print([field.label for field in survey.form.fields])
