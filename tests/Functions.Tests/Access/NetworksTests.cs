using System.Net;
using CustomerFunctions.Access;
using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Access;

public sealed class NetworksTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "203.0.113.9", false)]
    [InlineData("2001:db8::/126", "2001:db8::3", true)]
    [InlineData("2001:db8::/126", "2001:db8::4", false)]
    [InlineData("203.0.113.9/32", "203.0.113.9", true)]
    public void An_address_is_in_a_network_or_not(string network, string address, bool allowed) =>
        Networks.Allow([IPNetwork.Parse(network)], IPAddress.Parse(address)).Should().Be(allowed);

    [Fact]
    public void No_list_allows_everybody_and_a_list_nobody_without_an_address()
    {
        Networks.Allow([], address: null).Should().BeTrue();
        Networks.Allow([IPNetwork.Parse("0.0.0.0/0")], address: null).Should().BeFalse();
    }

    [Fact]
    public void What_lies_within_another_list_allows_nothing_that_the_other_does_not() => Generated.Check(
        from outer in Generate
        from inner in Gen.OneOf(Generate, Gen.Constant(outer))
        from probe in Gen.OneOf(Gen.Choose(int.MinValue, int.MaxValue).Select(bits => new IPAddress(BitConverter.GetBytes(bits))), Gen.Constant(inner.BaseAddress))
        select (inner, outer, probe),
        c =>
        {
            if (Networks.AreWithin([c.inner], [c.outer]) && Networks.Allow([c.inner], c.probe)) { Networks.Allow([c.outer], c.probe).Should().BeTrue(); }
            Networks.AreWithin([c.inner], [c.inner]).Should().BeTrue();
            Networks.AreWithin([], [c.outer]).Should().BeFalse("everywhere is not within a list");
        });

    /// <summary>Few different bits and every length, so that one network often lies in another.</summary>
    private static readonly Gen<IPNetwork> Generate =
        from bits in Gen.Elements(0u, 0x0A000000u, 0x0A010000u, 0xCB007109u, uint.MaxValue)
        from length in Gen.Choose(0, 32)
        select Network(bits, length);

    private static IPNetwork Network(uint bits, int length)
    {
        var masked = length == 0 ? 0 : bits & (uint.MaxValue << (32 - length));
        return new IPNetwork(new IPAddress([(byte)(masked >> 24), (byte)(masked >> 16), (byte)(masked >> 8), (byte)masked]), length);
    }
}
