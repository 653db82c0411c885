// What the app may do to resources whose keys it rotates. Deployed by itself to the subscription that has them, by whoever owns it:
//   az deployment sub create -l <region> -f infra/bicep/rotation-role.bicep -p principalId=<APP_PRINCIPAL_ID> [resourceGroupName=<group>] [grantableRoles='["<role id>"]']
targetScope = 'subscription'

@description('The app\'s identity: output APP_PRINCIPAL_ID of main.bicep.')
@minLength(36)
@maxLength(36)
param principalId string

@description('The resource group whose resources are rotated; empty for the whole subscription.')
param resourceGroupName string = ''

@description('Ids of the roles that the app may assign to service accounts, and take from them, within the same boundary; none makes it unable to.')
param grantableRoles string[] = []

resource rotate 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'CustomerFunctions rotation')
  properties: {
    roleName: 'CustomerFunctions rotation ${uniqueString(subscription().id)}'
    description: 'Reads and renews the keys of storage accounts, Cosmos DB accounts, Service Bus and Event Hubs rules. Changes nothing else.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Authorization/permissions/read'
          'Microsoft.Storage/storageAccounts/read'
          'Microsoft.Storage/storageAccounts/listKeys/action'
          'Microsoft.Storage/storageAccounts/regenerateKey/action'
          'Microsoft.DocumentDB/databaseAccounts/read'
          'Microsoft.DocumentDB/databaseAccounts/listKeys/action'
          'Microsoft.DocumentDB/databaseAccounts/regenerateKey/action'
          'Microsoft.DocumentDB/databaseAccounts/operationResults/read'
          'Microsoft.DocumentDB/locations/operationsStatus/read'
          'Microsoft.ServiceBus/namespaces/read'
          'Microsoft.ServiceBus/namespaces/authorizationRules/read'
          'Microsoft.ServiceBus/namespaces/authorizationRules/listKeys/action'
          'Microsoft.ServiceBus/namespaces/authorizationRules/regenerateKeys/action'
          'Microsoft.EventHub/namespaces/read'
          'Microsoft.EventHub/namespaces/authorizationRules/read'
          'Microsoft.EventHub/namespaces/authorizationRules/listKeys/action'
          'Microsoft.EventHub/namespaces/authorizationRules/regenerateKeys/action'
        ]
      }
    ]
  }
}

resource grant 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (!empty(grantableRoles)) {
  name: guid(subscription().id, 'CustomerFunctions grants')
  properties: {
    roleName: 'CustomerFunctions grants ${uniqueString(subscription().id)}'
    description: 'Assigns and removes roles; which ones, the condition of the assignment says.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Authorization/roleAssignments/write'
          'Microsoft.Authorization/roleAssignments/delete'
        ]
      }
    ]
  }
}

resource see 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (!empty(grantableRoles)) {
  name: guid(subscription().id, 'CustomerFunctions sight')
  properties: {
    roleName: 'CustomerFunctions sight ${uniqueString(subscription().id)}'
    description: 'Sees which roles there are and who has them. Changes nothing.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Authorization/roleAssignments/read'
          'Microsoft.Authorization/roleDefinitions/read'
        ]
      }
    ]
  }
}

// Of the whole subscription, whatever the boundary is: what a service account has outside of it is what an audit must find.
resource appSeesRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(grantableRoles)) {
  name: guid(subscription().id, principalId, 'sight')
  properties: {
    roleDefinitionId: see.id
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Sees what service accounts have, also where it can give and take nothing'
  }
}

module ofSubscription 'modules/rotation-in-subscription.bicep' = if (empty(resourceGroupName)) {
  name: 'rotation-in-subscription'
  params: { principalId: principalId, rotateRoleId: rotate.id, grantRoleId: empty(grantableRoles) ? '' : grant.id, grantableRoles: grantableRoles }
}

module ofGroup 'modules/rotation-in-group.bicep' = if (!empty(resourceGroupName)) {
  name: 'rotation-in-group'
  scope: resourceGroup(empty(resourceGroupName) ? 'none' : resourceGroupName)
  params: { principalId: principalId, rotateRoleId: rotate.id, grantRoleId: empty(grantableRoles) ? '' : grant.id, grantableRoles: grantableRoles }
}
