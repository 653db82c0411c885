using System.Net;
using System.Net.Sockets;
using LocalAzure.Listeners;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace LocalAzure.Tests.Listeners;

public sealed class BoundPortsTests
{
    [Fact]
    public void Nobody_else_can_have_a_port_from_the_moment_it_is_found()
    {
        using var bound = BoundPorts.Bind(first: null);

        foreach (var endPoint in bound.EndPoints)
        {
            var other = () => SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint).Dispose();
            other.Should().Throw<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.AddressAlreadyInUse);
        }
    }

    [Fact]
    public void A_port_that_is_kept_for_a_child_lets_the_child_in()
    {
        using var port = new ReservedPort();
        using var child = SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(IPAddress.Loopback, port.Number));
        child.Listen(1);

        using var caller = new TcpClient();
        caller.Connect(IPAddress.Loopback, port.Number);
        child.Accept().Dispose();
    }
}
