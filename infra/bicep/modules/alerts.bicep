param groupName string
param location string
param tags object
param email string
param workspaceId string
param documentsId string
param vaultId string

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: groupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'customers'
    enabled: true
    emailReceivers: empty(email) ? [] : [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

@description('Questions to the logs. The app\'s own lines carry an event number in brackets, and each is kept; requests carry the name of their function, are sampled under load (host.json), and stand for ItemCount of them.')
var rules = [
  {
    name: 'rotation-failing'
    title: 'A service account\'s rotation fails'
    severity: 2
    window: 'PT1H'
    threshold: 2
    query: 'AppTraces | where Message contains "RotationEngine[1202]"'
  }
  {
    name: 'rotation-overdue'
    title: 'A rotation or a migration is parked, or a rotation may come too late'
    severity: 1
    window: 'PT15M'
    threshold: 0
    query: 'AppTraces | where Message contains "[1205]" or Message contains "[1207]" or Message contains "[1213]"'
  }
  {
    name: 'rotation-standing'
    title: 'The rotation timer has not finished a run for an hour'
    severity: 1
    window: 'PT1H'
    threshold: 0
    query: 'AppRequests | where Name == "RotateServiceAccountKeys" and Success | count | where Count == 0'
  }
  {
    name: 'secret-touched'
    title: 'Somebody else has written to, disabled or deleted a service account\'s secret'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: 'AppTraces | where Message contains "KeyRetirer[1204]" or Message contains "SecretRepair[1209]" or Message contains "KeyRetirer[1210]"'
  }
  {
    name: 'account-unsettled'
    title: 'A suspension, a restoration or a deletion of a service account does not get done outside'
    severity: 1
    // It is tried again after an hour at the latest.
    window: 'PT3H'
    threshold: 0
    query: 'AppTraces | where Message contains "LifecycleEngine[1211]" | parse Message with * "service account " Account " has outside" * | summarize Failures = count() by Account | where Failures > 1'
  }
  {
    name: 'sign-in-attack'
    title: 'Many sign-ins are refused'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: 'AppRequests | where Name startswith "SignIn" and ResultCode in ("401", "429") | summarize Requests = sum(ItemCount) | where Requests > 100'
  }
  {
    name: 'leaked-key'
    title: 'A key was reported as leaked'
    severity: 1
    window: 'PT15M'
    threshold: 0
    query: 'AppTraces | where Message contains "LeakedKeys[1401]"'
  }
  {
    name: 'stripe-unread'
    title: 'Stripe cannot be asked for what it did not deliver, or some of it cannot be taken'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: 'AppTraces | where Message contains "StripeReconciliation[1601]" or Message contains "[1602]" or Message contains "[1603]" or Message contains "[1604]" or Message contains "[1605]" or Message contains "[1606]"'
  }
  {
    name: 'stripe-price'
    title: 'Somebody pays Stripe for a price that names no plan'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: 'AppTraces | where Message contains "StripeSync[1607]"'
  }
  {
    name: 'server-errors'
    title: 'Requests end in 5xx'
    severity: 1
    window: 'PT15M'
    threshold: 0
    query: 'AppRequests | where toint(ResultCode) >= 500 | summarize Requests = sum(ItemCount) | where Requests > 10'
  }
  {
    name: 'callers-throttled'
    title: 'Many requests are refused for their rate'
    severity: 3
    window: 'PT15M'
    threshold: 0
    query: 'AppRequests | where ResultCode == "429" | summarize Requests = sum(ItemCount) | where Requests > 1000'
  }
]

resource questions 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: rule.name
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    severity: rule.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT15M'
    windowSize: rule.window
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: rule.threshold
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [group.id] }
  }
}]

resource throttling 'Microsoft.Insights/metricAlerts@2018-03-01' = [for limit in [
  { name: 'documents-throttled', resource: documentsId, metric: 'TotalRequests', dimension: 'StatusCode', aggregation: 'Count' }
  { name: 'secrets-throttled', resource: vaultId, metric: 'ServiceApiResult', dimension: 'StatusCode', aggregation: 'Count' }
]: {
  name: limit.name
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure answers 429: the throughput or the vault\'s limit is reached.'
    severity: 2
    enabled: true
    scopes: [limit.resource]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'throttled'
          criterionType: 'StaticThresholdCriterion'
          metricName: limit.metric
          dimensions: [{ name: limit.dimension, operator: 'Include', values: ['429'] }]
          timeAggregation: limit.aggregation
          operator: 'GreaterThan'
          threshold: 100
        }
      ]
    }
    actions: [{ actionGroupId: group.id }]
  }
}]
