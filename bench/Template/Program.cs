// What "dotnet new web" begins with, and nothing done about its start: what a .NET developer is used to.
var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();
app.MapGet("/", () => "Hello.");
await app.RunAsync();
