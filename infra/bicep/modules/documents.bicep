import { publicAccess } from 'options.bicep'

param name string
param location string
param secondLocation string
param tags object

@description('Each container\'s greatest throughput by its id; empty for a serverless account.')
param throughput object
param zoneRedundant bool
param locked bool
param publicNetworkAccess publicAccess
param workspaceId string
param appPrincipalId string
param developerId string

var roles = loadJsonContent('../roles.json')
var layout = loadJsonContent('../cosmos-containers.json')
var isServerless = empty(throughput)
var locations = concat([location], empty(secondLocation) ? [] : [secondLocation])

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: publicNetworkAccess
    capabilities: isServerless ? [{ name: 'EnableServerless' }] : []
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    enableAutomaticFailover: !empty(secondLocation)
    locations: [for (region, priority) in locations: {
      locationName: region
      failoverPriority: priority
      isZoneRedundant: zoneRedundant
    }]
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: { tier: isServerless ? 'Continuous7Days' : 'Continuous30Days' }
    }
  }

  resource database 'sqlDatabases' = {
    name: layout.database
    tags: tags
    properties: { resource: { id: layout.database } }

    @batchSize(1)
    resource containers 'containers' = [for container in layout.containers: {
      name: container.id
      tags: tags
      properties: {
        resource: {
          id: container.id
          partitionKey: { paths: [container.partitionKey], kind: 'Hash', version: 2 }
          defaultTtl: container.defaultTtl
          indexingPolicy: container.indexingPolicy
        }
        options: isServerless ? {} : { autoscaleSettings: { maxThroughput: throughput[container.id] } }
      }
    }]
  }
}

resource appUsesDocuments 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, appPrincipalId, roles['Cosmos DB Built-in Data Contributor'])
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${roles['Cosmos DB Built-in Data Contributor']}'
    principalId: appPrincipalId
    scope: '${account.id}/dbs/${account::database.name}'
  }
}

resource developerReadsDocuments 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = if (!empty(developerId)) {
  parent: account
  name: guid(account.id, developerId, roles['Cosmos DB Built-in Data Reader'])
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${roles['Cosmos DB Built-in Data Reader']}'
    principalId: developerId
    scope: '${account.id}/dbs/${account::database.name}'
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'control'
  scope: account
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'ControlPlaneRequests', enabled: true }
      { category: 'PartitionKeyRUConsumption', enabled: true }
    ]
  }
}

resource keep 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  name: 'keep'
  scope: account
  properties: { level: 'CanNotDelete', notes: 'Customers, accounts and their keys\' records.' }
}

output id string = account.id
output endpoint string = account.properties.documentEndpoint
output database string = account::database.name
