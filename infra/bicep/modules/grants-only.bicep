@export()
@description('An assignment\'s condition: roles may be given to, and taken from, service principals only, and only these.\nhttps://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples')
func grantsOnly(roles string[]) string => join([
  '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/write\'}))'
  'OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${join(roles, ', ')}}'
  'AND @Request[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {\'ServicePrincipal\'}))'
  'AND ((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/delete\'}))'
  'OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${join(roles, ', ')}}'
  'AND @Resource[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {\'ServicePrincipal\'}))'
], ' ')
