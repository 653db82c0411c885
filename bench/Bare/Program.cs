// The least that an ASP.NET Core server can be: what the product is compared with. It answers as many bytes as a customer has.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{builder.Configuration["FUNCTIONS_CUSTOMHANDLER_PORT"]}");
builder.WebHost.ConfigureKestrel(server => server.AddServerHeader = false);

var app = builder.Build();
var answer = new byte[600];
Array.Fill(answer, (byte)'1');
app.MapGet("/", () => Results.Bytes(answer, "application/json"));
await app.RunAsync();
