using System.Net;
using System.Net.Sockets;

namespace CustomerFunctions.Webhooks;

/// <summary>The address is not one that a webhook may reach.</summary>
internal sealed class AddressRefusedException(string host) : IOException($"{host} has no public address.");

/// <summary>
/// HTTP to addresses that customers name. It resolves a name itself, refuses what is not public and connects to the very address that it has checked, so that a name which answers differently the second time gains
/// nothing. No redirects, cookies or proxies: none of them could be checked.
/// </summary>
internal sealed class PublicHttp(AppSettings settings) : IDisposable
{
    private const int MaxAnswerHeadersKiB = 16;

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        MaxResponseHeadersLength = MaxAnswerHeadersKiB,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = (context, cancellation) => Connect(context.DnsEndPoint, settings.AllowLocalWebhooks, cancellation),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellation) => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);

    public void Dispose() => http.Dispose();

    private static async ValueTask<Stream> Connect(DnsEndPoint target, bool allowLocal, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellation);
        // One address that is not public among others that are is no accident either.
        if (!allowLocal && !addresses.All(PublicAddress.Includes)) { throw new AddressRefusedException(target.Host); }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }
}
