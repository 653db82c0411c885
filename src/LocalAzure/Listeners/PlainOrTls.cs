using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LocalAzure.Listeners;

/// <summary>HTTP and HTTPS on one port. The first byte of a connection tells them apart: a TLS handshake begins with 0x16 (RFC 8446, 5.1).</summary>
internal static class PlainOrTls
{
    private const byte Handshake = 0x16;

    public static void UsePlainOrTls(this ListenOptions listen, X509Certificate2 certificate)
    {
        // Kestrel builds a connection's steps from the last to the first: "plain" is known when the first step is built.
        ConnectionDelegate? plain = null;
        listen.Use(tls => async connection => await (await BeginsWithHandshake(connection) ? tls : plain!)(connection));
        listen.UseHttps(certificate);
        listen.Use(http => plain = http);
    }

    private static async Task<bool> BeginsWithHandshake(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var begin = (await input.ReadAsync(connection.ConnectionClosed)).Buffer;
        var isHandshake = !begin.IsEmpty && begin.FirstSpan[0] == Handshake;
        // Nothing is consumed: the next step reads the same bytes.
        input.AdvanceTo(begin.Start);
        return isHandshake;
    }
}
