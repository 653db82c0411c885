using System.Net;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace LocalAzure.Listeners;

/// <summary>What every HTTP intermediary does alike: copies headers both ways but for those that belong to one connection.</summary>
internal static class Relay
{
    // RFC 9110 7.6.1, and Expect, which this server has answered already.
    private static readonly HashSet<string> OfOneConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.TE, HeaderNames.Trailer,
        HeaderNames.TransferEncoding, HeaderNames.Upgrade, HeaderNames.Expect,
    };

    /// <summary>
    /// Makes a handler send and hand back what it is given: no redirects, cookies or decompression, and header bytes as they are. The server reads
    /// request headers as UTF-8 and refuses other bytes with 400; answers are bytes on both sides (<see cref="Gateway"/>).
    /// </summary>
    public static SocketsHttpHandler Unchanged(SocketsHttpHandler handler)
    {
        handler.AllowAutoRedirect = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.UseCookies = false;
        handler.UseProxy = false;
        handler.ActivityHeadersPropagator = null;
        handler.RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8;
        handler.ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1;
        return handler;
    }

    /// <summary>To be called when the content is set: some headers are the content's.</summary>
    public static void CopyHeaders(HttpRequest from, HttpRequestMessage to)
    {
        foreach (var (name, values) in from.Headers)
        {
            if (OfOneConnection.Contains(name)) { continue; }
            if (!to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) { to.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values); }
        }
    }

    public static void CopyHeaders(HttpResponseMessage from, HttpResponse to)
    {
        foreach (var (name, values) in from.Headers.NonValidated.Concat(from.Content.Headers.NonValidated))
        {
            if (!OfOneConnection.Contains(name)) { to.Headers.Append(name, values.ToArray()); }
        }
    }
}
