import { publicAccess } from 'options.bicep'

param name string
param location string
param tags object
param zoneRedundant bool
param locked bool
param publicNetworkAccess publicAccess
param workspaceId string
param appPrincipalId string

var roles = loadJsonContent('../roles.json')

@description('The audit log, in an account of its own: who deploys the app has no business here.')
resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: zoneRedundant ? 'Standard_GZRS' : 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: { defaultAction: publicNetworkAccess == 'Enabled' ? 'Allow' : 'Deny', bypass: 'None' }
  }

  resource tables 'tableServices' = {
    name: 'default'

    resource audit 'tables' = { name: 'audit' }

    resource access 'tables' = { name: 'access' }
  }
}

resource appWritesAudit 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::tables::audit.id, appPrincipalId, roles['Storage Table Data Contributor'])
  scope: account::tables::audit
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles['Storage Table Data Contributor'])
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    description: 'Writes audit events, reads them, and deletes those whose retention is over'
  }
}

resource appWritesAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::tables::access.id, appPrincipalId, roles['Storage Table Data Contributor'])
  scope: account::tables::access
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles['Storage Table Data Contributor'])
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    description: 'Counts who uses which key, reads it, and deletes what is older than its retention'
  }
}

resource deletions 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'deletions'
  scope: account::tables
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

resource keep 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  name: 'keep'
  scope: account
  properties: { level: 'CanNotDelete', notes: 'The audit log cannot be made again.' }
}

output id string = account.id
output tablesEndpoint string = account.properties.primaryEndpoints.table
