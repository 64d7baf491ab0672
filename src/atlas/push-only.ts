/** What the API has: people look here for migrations that it has not. */
export const pushOnly =
  'Only push migrations, which are started from Cloud Manager or Ops Manager, can be read: one started in the Atlas console (pull) has no API. For mongosync, see mongosync-insights.';
