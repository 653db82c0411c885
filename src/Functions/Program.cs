using CustomerFunctions;
using CustomerFunctions.Access;
using CustomerFunctions.AccessLog;
using CustomerFunctions.Accounts;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Audit;
using CustomerFunctions.Bulk;
using CustomerFunctions.Closing;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Exports;
using CustomerFunctions.Flags;
using CustomerFunctions.Holds;
using CustomerFunctions.IdentityProvider;
using CustomerFunctions.Impersonation;
using CustomerFunctions.Invitations;
using CustomerFunctions.IpRules;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Mail;
using CustomerFunctions.Members;
using CustomerFunctions.Migrations;
using CustomerFunctions.Notifications;
using CustomerFunctions.Plans;
using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.SignIn;
using CustomerFunctions.Stripe;
using CustomerFunctions.Subscriptions;
using CustomerFunctions.Trials;
using CustomerFunctions.Usage;
using CustomerFunctions.Webhooks;

if (args is [BootstrapAdmin.MakeKeyOption, var environment]) { return BootstrapAdmin.PrintNewKey(environment); }

var emit = args is ["--emit-functions", ..] ? args.ElementAtOrDefault(1) ?? "." : null;
var builder = WebApplication.CreateSlimBuilder();
try
{
    if (args is [VerifyAuditLogCommand.Option, var log]) { return await VerifyAuditLogCommand.Run(AppSettings.ReadTables(builder.Configuration), log); }
    builder.AddHost();
    builder.AddFeatures(emit is null ? AppSettings.Read(builder.Configuration) : AppSettings.Nowhere, toServe: emit is null);
}
catch (SettingsException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

var app = builder.Build();
app.UseEdges();
var routes = app.MapRoutes();
routes.MapHealth();
routes.MapOpenApiDocument();
routes.MapCustomers();
routes.MapExports();
routes.MapBulk();
routes.MapHolds();
routes.MapClosing();
routes.MapFlags();
routes.MapApiKeys();
routes.MapIpRules();
routes.MapLeakDesk();
routes.MapServiceAccounts();
routes.MapPlans();
routes.MapRoles();
routes.MapMigrations();
routes.MapTrials();
routes.MapUsage();
routes.MapAudit();
routes.MapNotifications();
routes.MapAccessLog();
routes.MapWebhooks();
routes.MapSubscriptions();
routes.MapStripe();
routes.MapAccounts();
routes.MapMembers();
routes.MapInvitations();
routes.MapImpersonation();
routes.MapIdentityProvider();
routes.MapSignIn();
routes.MapMail();

if (emit is not null)
{
    FunctionManifest.Write(app, emit);
    return 0;
}
FunctionManifest.Of(app);
await app.RunAsync();
return 0;
