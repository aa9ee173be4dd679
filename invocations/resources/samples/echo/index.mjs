export const handler = async (event, context) => {
  console.log("request", context.awsRequestId, "has", context.getRemainingTimeInMillis(), "ms left");
  return event;
};
