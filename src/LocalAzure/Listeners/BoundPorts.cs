using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace LocalAzure.Listeners;

/// <summary>
/// The ports of all services, bound before anything else starts: a taken port is named at once, and a free one can't be lost to another
/// process between finding it and listening on it.
/// </summary>
internal sealed class BoundPorts : IDisposable
{
    private const int Attempts = 20;
    private const int Backlog = 512;
    private readonly Dictionary<Service, int> ports = [];
    private readonly Dictionary<IPEndPoint, Socket> sockets = [];

    private BoundPorts()
    {
    }

    public int this[Service service] => ports[service];

    public IEnumerable<IPEndPoint> EndPoints => sockets.Keys;

    /// <summary>Binds a row of ports from <paramref name="first"/> on, or free ones when it is null.</summary>
    public static BoundPorts Bind(int? first)
    {
        var bound = new BoundPorts();
        try
        {
            foreach (var service in ServiceNames.All) { bound.Bind(service, first is { } row ? row + (int)service : null); }
            return bound;
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }

    public string Url(Service service) => $"{(service.IsHttps() ? "https" : "http")}://localhost:{ports[service]}";

    public Service ServiceOf(int port) => ports.First(pair => pair.Value == port).Key;

    /// <summary>For Kestrel, in place of a socket that it would bind itself.</summary>
    public Socket Take(EndPoint endPoint) =>
        sockets.GetValueOrDefault((IPEndPoint)endPoint) ?? SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);

    public void Dispose()
    {
        foreach (var socket in sockets.Values) { socket.Dispose(); }
    }

    private void Bind(Service service, int? wanted)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                ports[service] = BindBoth(wanted ?? 0);
                return;
            }
            catch (SocketException) when (wanted is null && attempt < Attempts)
            {
                // Free on one of the two loopback addresses only: another one will be free on both.
            }
            catch (SocketException e)
            {
                throw new StartRefused($"Port {wanted} for {service.Name()} can't be used ({e.Message.ToLowerInvariant()}): choose others with --ports BASE or --ports auto.", e);
            }
        }
    }

    private int BindBoth(int wanted)
    {
        var v4 = Listen(new IPEndPoint(IPAddress.Loopback, wanted));
        var endPoint = (IPEndPoint)v4.LocalEndPoint!;
        try
        {
            if (HasLoopbackV6())
            {
                var other = new IPEndPoint(IPAddress.IPv6Loopback, endPoint.Port);
                sockets[other] = Listen(other);
            }
        }
        catch
        {
            v4.Dispose();
            throw;
        }
        sockets[endPoint] = v4;
        return endPoint.Port;
    }

    /// <summary>
    /// Listens from now on: Linux lets another process bind a port on which nobody listens yet when it asks for that one, and refuses whoever of the two is later to listen. Kestrel's own listening
    /// changes nothing then.
    /// </summary>
    private static Socket Listen(IPEndPoint endPoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        try
        {
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool HasLoopbackV6()
    {
        if (!Socket.OSSupportsIPv6) { return false; }
        try
        {
            using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
