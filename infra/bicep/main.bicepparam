using './main.bicep'

// azd env set STAGE prod
var stage = readEnvironmentVariable('STAGE', 'dev')
var isProd = stage == 'prod'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param keyEnvironment = isProd ? 'live' : 'dev'

// Nobody's own rights in production: they are assigned by name and for a time (docs/operations.md).
param developerId = isProd ? '' : readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param developerType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')

param throughput = isProd ? { customers: 4000, accounts: 2000, directory: 2000, control: 4000 } : {}
param zoneRedundant = isProd
param secondLocation = isProd ? readEnvironmentVariable('SECOND_LOCATION', '') : ''
param locked = isProd
param readyInstances = isProd ? 2 : 0
param maxInstances = isProd ? 100 : 40
param logDays = isProd ? 90 : 30

param privateNetworking = bool(readEnvironmentVariable('PRIVATE_NETWORKING', isProd ? 'true' : 'false'))
param publicApp = bool(readEnvironmentVariable('PUBLIC_APP', 'true'))
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param corsOrigins = isProd ? [] : ['http://localhost:5173']
param tags = { stage: stage }
