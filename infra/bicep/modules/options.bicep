@export()
@description('The app\'s settings that an environment may choose; docs/configuration.md says what each means. An empty one has its default.')
type appOptions = {
  graphEndpoint: string?
  entraEndpoint: string?
  mailWebhookUrl: string?
  mailSecretName: string?
  leakDeskPublicKeysUrl: string?
  stripeApiUrl: string?
  passkeysDomain: string?
  passkeysOrigins: string?
  rateLimitsFactor: int?
  rotationQuietHours: string?
  rolesForbidden: string?
  rolesForbiddenScopes: string[]?
  rolesWholeSubscriptions: bool?
}

@export()
@description('Where the app\'s backing services are.')
type backingServices = {
  cosmosEndpoint: string
  database: string
  vaultUri: string
  tablesEndpoint: string
}

@export()
type publicAccess = 'Enabled' | 'Disabled'
