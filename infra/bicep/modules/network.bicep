param name string
param endpointPrefix string
param location string
param tags object
param hostStorageId string
param auditStorageId string
param documentsId string
param vaultId string

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.0.0.0/16'] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: '10.0.0.0/24'
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.0.1.0/27'
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }

  resource app 'subnets' existing = { name: 'app' }

  resource endpoints 'subnets' existing = { name: 'endpoints' }
}

module privateEndpoints 'private-endpoint.bicep' = [for service in [
  { id: hostStorageId, part: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { id: auditStorageId, part: 'table', zone: 'privatelink.table.${environment().suffixes.storage}' }
  { id: documentsId, part: 'Sql', zone: 'privatelink.documents.azure.com' }
  { id: vaultId, part: 'vault', zone: 'privatelink.vaultcore.azure.net' }
]: {
  name: 'private-${toLower(service.part)}'
  params: {
    name: '${endpointPrefix}-${toLower(service.part)}'
    location: location
    tags: tags
    networkId: network.id
    subnetId: network::endpoints.id
    resourceId: service.id
    part: service.part
    zone: service.zone
  }
}]

output appSubnetId string = network::app.id
