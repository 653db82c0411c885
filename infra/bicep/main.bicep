targetScope = 'subscription'

import { appOptions } from 'modules/options.bicep'

@description('The environment\'s name; it is part of every resource\'s name and tag, so that several stand side by side.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('The region of everything.')
@metadata({ azd: { type: 'location' } })
param location string

@description('The environment that stands in every API key (cf_<environment>_…).')
@minLength(1)
@maxLength(12)
param keyEnvironment string

@description('Who runs the deployment and may read secrets and documents for development; empty for nobody.')
param developerId string = ''

@description('What developerId is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param developerType string = 'User'

@description('The greatest throughput of each container in request units per second; none makes the account serverless.')
param throughput object = {}

@description('Copies in several availability zones: of the documents, of the audit log, of the app\'s plan.')
param zoneRedundant bool = false

@description('Another region that has a copy of the documents; empty for none. Needs throughput.')
param secondLocation string = ''

@description('Whether the data services are reached through a virtual network only.')
param privateNetworking bool = false

@description('Whether the app itself answers on the internet. Without it, callers need a private endpoint of their own.')
param publicApp bool = true

@description('Locks what cannot be made again (documents, secrets, audit log) against deletion.')
param locked bool = false

@description('How many instances stand ready for HTTP before the first request.')
@minValue(0)
param readyInstances int = 0

@description('The most instances at one time.')
@minValue(40)
@maxValue(1000)
param maxInstances int = 40

@description('The memory of one instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('For how many days logs are kept.')
@minValue(30)
@maxValue(730)
param logDays int = 30

@description('Who is told of alerts; empty for nobody, the alerts are there all the same.')
param alertEmail string = ''

@description('Origins whose browsers may call.')
param corsOrigins string[] = []

@description('The app\'s own settings that differ from their defaults, by their names in docs/configuration.md.')
param app appOptions = {}

@description('Tags of your own.')
param tags object = {}

var names = loadJsonContent('abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var allTags = union(tags, { 'azd-env-name': environmentName })
var access = privateNetworking ? 'Disabled' : 'Enabled'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: '${names.resourceGroup}${environmentName}'
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: '${names.identity}${token}'
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: '${names.workspace}${token}'
    insightsName: '${names.insights}${token}'
    location: location
    tags: allTags
    logDays: logDays
    appPrincipalId: identity.outputs.principalId
  }
}

module hostStorage 'modules/host-storage.bicep' = {
  name: 'host-storage'
  scope: group
  params: {
    name: take('${names.storage}host${token}', 24)
    location: location
    tags: allTags
    zoneRedundant: zoneRedundant
    publicNetworkAccess: access
    appPrincipalId: identity.outputs.principalId
  }
}

module auditStorage 'modules/audit-storage.bicep' = {
  name: 'audit-storage'
  scope: group
  params: {
    name: take('${names.storage}audit${token}', 24)
    location: location
    tags: allTags
    zoneRedundant: zoneRedundant
    locked: locked
    publicNetworkAccess: access
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
  }
}

module documents 'modules/documents.bicep' = {
  name: 'documents'
  scope: group
  params: {
    name: '${names.cosmos}${token}'
    location: location
    secondLocation: secondLocation
    tags: allTags
    throughput: throughput
    zoneRedundant: zoneRedundant
    locked: locked
    publicNetworkAccess: access
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    developerId: developerId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    name: '${names.vault}${token}'
    location: location
    tags: allTags
    locked: locked
    publicNetworkAccess: access
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    developerId: developerId
    developerType: developerType
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  scope: group
  params: {
    name: '${names.network}${token}'
    endpointPrefix: '${names.privateEndpoint}${token}'
    location: location
    tags: allTags
    hostStorageId: hostStorage.outputs.id
    auditStorageId: auditStorage.outputs.id
    documentsId: documents.outputs.id
    vaultId: vault.outputs.id
  }
}

module functions 'modules/functions.bicep' = {
  name: 'functions'
  scope: group
  params: {
    planName: '${names.plan}${token}'
    appName: '${names.functionApp}${token}'
    location: location
    tags: allTags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    publicNetworkAccess: publicApp ? 'Enabled' : 'Disabled'
    zoneRedundant: zoneRedundant
    readyInstances: readyInstances
    maxInstances: maxInstances
    instanceMemoryMB: instanceMemoryMB
    corsOrigins: corsOrigins
    blobEndpoint: hostStorage.outputs.blobEndpoint
    packageContainerUrl: hostStorage.outputs.packageContainerUrl
    insightsConnection: monitoring.outputs.insightsConnection
    services: {
      cosmosEndpoint: documents.outputs.endpoint
      database: documents.outputs.database
      vaultUri: vault.outputs.uri
      tablesEndpoint: auditStorage.outputs.tablesEndpoint
    }
    keyEnvironment: keyEnvironment
    options: app
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    groupName: '${names.actionGroup}${token}'
    location: location
    tags: allTags
    email: alertEmail
    workspaceId: monitoring.outputs.workspaceId
    documentsId: documents.outputs.id
    vaultId: vault.outputs.id
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: allTags
    workspaceId: monitoring.outputs.workspaceId
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output AZURE_KEY_VAULT_ENDPOINT string = vault.outputs.uri
output AZURE_COSMOS_ENDPOINT string = documents.outputs.endpoint
output AZURE_FUNCTION_NAME string = functions.outputs.name
output APP_PRINCIPAL_ID string = identity.outputs.principalId
output SERVICE_API_NAME string = functions.outputs.name
output SERVICE_API_URI string = functions.outputs.uri
