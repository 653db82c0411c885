using System.Net;
using System.Net.Sockets;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Access;

/// <summary>Allow-lists of addresses in CIDR form (RFC 4632, RFC 4291): <c>203.0.113.0/24</c>, <c>2001:db8::/32</c>. An empty list allows every address.</summary>
internal static class Networks
{
    public const int MaxEntries = 50;

    /// <summary>Whether an address is in one of the networks. An IPv4 address that arrives as an IPv6 one (::ffff:203.0.113.7) counts as what it is.</summary>
    public static bool Allow(IReadOnlyList<IPNetwork> networks, IPAddress? address)
    {
        if (networks.Count == 0) { return true; }
        if (address is null) { return false; }
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));
    }

    /// <summary>The stored texts as networks. They were checked when they were stored.</summary>
    public static IReadOnlyList<IPNetwork> Parse(IReadOnlyList<string>? texts) => texts is null ? [] : [.. texts.Select(text => IPNetwork.Parse(text))];

    /// <summary>Whether every address that <paramref name="inner"/> allows is allowed by <paramref name="outer"/> too.</summary>
    public static bool AreWithin(IReadOnlyList<IPNetwork> inner, IReadOnlyList<IPNetwork> outer) =>
        outer.Count == 0 || (inner.Count > 0 && inner.All(one => outer.Any(other => other.PrefixLength <= one.PrefixLength && Allow([other], one.BaseAddress))));

    public static void Check(Checks checks, string pointer, IReadOnlyList<string>? texts)
    {
        if (texts is null) { return; }
        if (texts.Count > MaxEntries) { checks.Add(pointer, "too-many", $"At most {MaxEntries} networks."); }
        for (var i = 0; i < texts.Count; i++)
        {
            if (!IPNetwork.TryParse(texts[i], out var network) || !network.BaseAddress.Equals(IPAddress.Parse(texts[i].Split('/')[0]))) { checks.Add($"{pointer}/{i}", "malformed-network", "Expected a network in CIDR form with no host bits set, such as 203.0.113.0/24 or 2001:db8::/32."); }
            // An IPv4 network in IPv6 clothes would never match: addresses are compared as what they are.
            else if (network.BaseAddress is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: true }) { checks.Add($"{pointer}/{i}", "malformed-network", "Write an IPv4 network in the IPv4 form."); }
        }
    }
}
