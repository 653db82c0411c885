import { appOptions, backingServices, publicAccess } from 'options.bicep'

param planName string
param appName string
param location string
param tags object
param identityId string
param identityClientId string

@description('The subnet from which the app reaches its services; empty for none.')
param subnetId string
param publicNetworkAccess publicAccess
param zoneRedundant bool
param readyInstances int
param maxInstances int
param instanceMemoryMB int
param corsOrigins string[]
param blobEndpoint string
param packageContainerUrl string
param insightsConnection string
param services backingServices
param keyEnvironment string
param options appOptions

// Without the slash at its end: it is a token's audience too.
var resourceManager = take(environment().resourceManager, length(environment().resourceManager) - 1)

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: appName
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: publicNetworkAccess
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    keyVaultReferenceIdentity: identityId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      cors: { allowedOrigins: corsOrigins }
    }
    functionAppConfig: {
      // A custom handler that brings its own .NET.
      runtime: { name: 'custom', version: '1.0' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maxInstances
        alwaysReady: readyInstances == 0 ? [] : [{ name: 'http', instanceCount: readyInstances }]
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      AzureWebJobsStorage__blobServiceUri: blobEndpoint
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      AZURE_CLIENT_ID: identityClientId
      Cosmos__Endpoint: services.cosmosEndpoint
      Cosmos__Database: services.database
      KeyVault__Uri: services.vaultUri
      Tables__Endpoint: services.tablesEndpoint
      ResourceManager__Endpoint: resourceManager
      ResourceManager__Audience: resourceManager
      Graph__Endpoint: options.?graphEndpoint ?? ''
      Entra__Endpoint: options.?entraEndpoint ?? ''
      ApiKeys__Environment: keyEnvironment
      Mail__WebhookUrl: options.?mailWebhookUrl ?? ''
      Mail__SecretName: options.?mailSecretName ?? ''
      LeakDesk__PublicKeysUrl: options.?leakDeskPublicKeysUrl ?? ''
      Stripe__ApiUrl: options.?stripeApiUrl ?? ''
      Passkeys__Domain: options.?passkeysDomain ?? ''
      Passkeys__Origins: options.?passkeysOrigins ?? ''
      RateLimits__Factor: string(options.?rateLimitsFactor ?? 1)
      Roles__Forbidden: options.?rolesForbidden ?? ''
      // Whoever may do something in this very group may reach every customer's secrets.
      Roles__ForbiddenScopes: join(concat([resourceGroup().id], options.?rolesForbiddenScopes ?? []), ',')
      Roles__WholeSubscriptions: (options.?rolesWholeSubscriptions ?? false) ? 'true' : 'false'
      Rotation__QuietHours: options.?rotationQuietHours ?? ''
      RotationSchedule: '0 */5 * * * *'
      ServiceAccountSchedule: '*/30 * * * * *'
      PermissionAuditSchedule: '0 25 * * * *'
      StandingSchedule: '15,45 * * * * *'
      TrialExpirySchedule: '0 */5 * * * *'
      UsageCountSchedule: '15 * * * * *'
      UsageMonthSchedule: '5 */5 * * * *'
      CustomerPurgeSchedule: '0 17 * * * *'
      AuditWriteSchedule: '30 * * * * *'
      AuditPurgeSchedule: '0 20 * * * *'
      MailSchedule: '30 * * * * *'
      WebhookSchedule: '*/10 * * * * *'
      SubscriptionSchedule: '0 */5 * * * *'
      StripeSchedule: '0 40 3 * * *'
    }
  }

  resource uploads 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource fileTransfer 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

output name string = app.name
output uri string = 'https://${app.properties.defaultHostName}'
