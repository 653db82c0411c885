using System.Text;
using LocalAzure.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace LocalAzure.Listeners;

/// <summary>One server for all services: which service a request is for is told by the port it came in on.</summary>
internal static class Gateway
{
    /// <summary>What the Functions host takes by default.</summary>
    private const long MostBodyBytes = 100L * 1024 * 1024;

    /// <summary>Builds the server; requests to the port of <see cref="Service.Local"/> go on to the routes that are mapped on it.</summary>
    public static WebApplication Build(BoundPorts ports, LocalCertificates certificates, IReadOnlyDictionary<Service, RequestDelegate> services, ILoggerProvider log)
    {
        // Empty: neither the environment nor a file of the folder that it is started in has a say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(log).AddFilter("Microsoft", LogLevel.Warning).AddFilter("LocalAzure", LogLevel.Information);
        builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = ports.Take);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddProblemDetails();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            options.Limits.MaxRequestBodySize = MostBodyBytes;
            // An idle test client must not lose its connection while a debugger holds it.
            options.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);
            foreach (var endPoint in ports.EndPoints)
            {
                options.Listen(endPoint, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    var service = ports.ServiceOf(endPoint.Port);
                    if (service.IsHttps()) { listen.UseHttps(certificates.Server); }
                    else if (service == Service.Cosmos) { listen.UsePlainOrTls(certificates.Server); }
                });
            }
        });
        var app = builder.Build();
        var byPort = services.ToDictionary(service => ports[service.Key], service => service.Value);
        app.Use(next => context => byPort.TryGetValue(context.Connection.LocalPort, out var service) ? service(context) : next(context));
        app.UseStatusCodePages();
        // Named here, or it would come first and look for our own routes in every request to an emulator.
        app.UseRouting();
        return app;
    }

    /// <summary>Whoever started it ends it: the process and its signals are not the server's.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
