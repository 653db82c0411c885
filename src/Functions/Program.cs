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
app.MapHealth();
app.MapOpenApiDocument();
app.MapCustomers();
app.MapExports();
app.MapBulk();
app.MapHolds();
app.MapClosing();
app.MapFlags();
app.MapApiKeys();
app.MapIpRules();
app.MapLeakDesk();
app.MapServiceAccounts();
app.MapPlans();
app.MapRoles();
app.MapMigrations();
app.MapTrials();
app.MapUsage();
app.MapAudit();
app.MapNotifications();
app.MapAccessLog();
app.MapWebhooks();
app.MapSubscriptions();
app.MapStripe();
app.MapAccounts();
app.MapMembers();
app.MapInvitations();
app.MapImpersonation();
app.MapIdentityProvider();
app.MapSignIn();
app.MapMail();

if (emit is not null)
{
    FunctionManifest.Write(app, emit);
    return 0;
}
FunctionManifest.Of(app);
await app.RunAsync();
return 0;
