from frontdesk import CustomerRTM

# Only customers who are logged in over RTM may ask, over the Web API too.
with CustomerRTM() as rtm:
    prediction = rtm.get_predicted_agent()
    print(prediction.agent and prediction.agent.name, prediction.queue)
