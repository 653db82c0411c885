import { grantsOnly } from 'grants-only.bicep'

param principalId string
param rotateRoleId string

@description('Empty when the app assigns no roles.')
param grantRoleId string
param grantableRoles string[]

resource appRotatesKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, 'rotation')
  properties: {
    roleDefinitionId: rotateRoleId
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Renews keys of customers\' resources'
  }
}

resource appGrantsRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(grantRoleId)) {
  name: guid(resourceGroup().id, principalId, 'grants')
  properties: {
    roleDefinitionId: grantRoleId
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Gives service accounts the listed roles, and no others'
    conditionVersion: '2.0'
    condition: grantsOnly(grantableRoles)
  }
}
