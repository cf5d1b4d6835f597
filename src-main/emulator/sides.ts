import {
  REASON_EGRESS_DNAT_IP,
  REASON_EGRESS_OWN_EIP,
  REASON_HAIRPIN_UNSUPPORTED,
  REASON_INTRA,
  REASON_NOT_ROUTABLE,
  REASON_NO_NAT,
  REASON_NO_SNAT_ENTRY,
  REASON_OTHER_GATEWAY,
} from './codes';
import {
  HOST_WITH_DNAT,
  HOST_WITH_EIP,
  INSIDE,
  NOT_ROUTABLE,
  OF_DNAT,
  OF_GATEWAY,
  OPTION_HAIRPIN,
  UNCOVERED,
  classOf,
  does,
  isNoNat,
  isOfOther,
} from './configuration';

/*
 * On which sides of the gateway the two ends of a packet are, and whether SNAT is for them at all.
 * @see nat-gateway reference §1.5, §6.2
 */

/* What `refusalOfSides` found out. */
/** The packet goes from the VPC to the Internet. */
export let isOutward: bool = false;
/** It was captured behind the gateway: its inner end is a translated address. */
export let isPublicLeg: bool = false;
/** Index of the SNAT entry of its inner end. */
export let sideEntry: u32 = 0;

/** @returns 0 when SNAT is for the packet, else a `REASON_CODE` */
export function refusalOfSides(src: u32, dst: u32): u32 {
  const srcClass = classOf(src);
  const dstClass = classOf(dst);
  if (srcClass == NOT_ROUTABLE || dstClass == NOT_ROUTABLE) return REASON_NOT_ROUTABLE;
  isPublicLeg = false;
  if ((srcClass | dstClass) >= HOST_WITH_DNAT) {
    const special = refusalOfSpecial(srcClass, dstClass);
    if (special != 0) return special;
  } else {
    const fromVpc = srcClass >= UNCOVERED;
    if (fromVpc == dstClass >= UNCOVERED) return fromVpc ? REASON_INTRA : refusalOfOutside(src, dst);
    isOutward = fromVpc;
  }
  const innerClass = isOutward ? srcClass : dstClass;
  if (innerClass == UNCOVERED) return refusalOfOutside(src, dst);
  sideEntry = innerClass - INSIDE;
  return isNoNat(isOutward ? dst : src) ? REASON_NO_NAT : 0;
}

/** None of the ends is a host that the gateway translates. */
function refusalOfOutside(src: u32, dst: u32): u32 {
  return isOfOther(src) || isOfOther(dst) ? REASON_OTHER_GATEWAY : REASON_NO_SNAT_ENTRY;
}

function isHost(ofClass: u32): bool {
  return ofClass >= UNCOVERED && ofClass <= HOST_WITH_EIP;
}

/** One end at least is a host of its own rules, or an address of the gateway. */
function refusalOfSpecial(srcClass: u32, dstClass: u32): u32 {
  if (isHost(srcClass) && isHost(dstClass)) return REASON_INTRA;
  if (srcClass == HOST_WITH_EIP || dstClass == HOST_WITH_EIP) return REASON_EGRESS_OWN_EIP;
  if (srcClass == HOST_WITH_DNAT || dstClass == HOST_WITH_DNAT) return REASON_EGRESS_DNAT_IP;
  const isSrcHost = isHost(srcClass);
  if (isSrcHost || isHost(dstClass)) {
    // A host and an address of the gateway: of a DNAT mapping hosts know the EIP alone.
    const isToDnat = (isSrcHost ? dstClass : srcClass) == OF_DNAT;
    if (!isToDnat || !does(OPTION_HAIRPIN)) return REASON_HAIRPIN_UNSUPPORTED;
    isOutward = isSrcHost;
    return 0;
  }
  const isSrcOurs = srcClass >= OF_GATEWAY;
  if (isSrcOurs && dstClass >= OF_GATEWAY) return REASON_HAIRPIN_UNSUPPORTED;
  // By either of its addresses, what a DNAT mapping translates is no session of SNAT.
  if (srcClass >= OF_DNAT || dstClass >= OF_DNAT) return REASON_EGRESS_DNAT_IP;
  isOutward = isSrcOurs;
  isPublicLeg = true;
  return 0;
}
